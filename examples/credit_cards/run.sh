#!/usr/bin/env bash
# Credit card clients (Taiwan, 2005): from one CSV to calibrated probabilities of default and a report.
. "$(dirname "$0")/../lib.sh"

sda source add cards --connector files --path "$data/finance/uci_taiwan_default/UCI_Credit_Card.csv.gz" \
    --domain finance --table credit_cards --key ID
sda ingest
sda contract show finance.credit_cards | head -40
sda task new finance.card_default --table finance.credit_cards --target class --entity ID
sda train finance.card_default
sda score finance.card_default
cat >> "$SDA_CONFIG" <<'TOML'

[reports.card-default]
domain = "finance"
task = "finance.card_default"
title = "Credit cards: default next month"
TOML
sda report card-default --format html --output "$SDA_HOME/reports"
sda report card-default --format xlsx --output "$SDA_HOME/reports"
