"""What the tables of the bank promise.

Amounts are in the currency of their row; `reporting_currency.sql` converts them to `REPORTING_CURRENCY`
at the last rate known on the day.
"""

from pipelines.contract import Column, Contract
from pipelines.words import words

REPORTING_CURRENCY = "EUR"
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CNY")
ACCOUNT_KINDS = ("current", "savings", "card")
TRANSACTION_KINDS = (
    "salary",
    "transfer_in",
    "transfer_out",
    "card",
    "cash",
    "direct_debit",
    "returned_debit",
    "fee",
    "interest",
)
EMPLOYMENT = ("employed", "self_employed", "unemployed", "retired", "student")
HOUSING = ("own", "mortgage", "rent", "family")
PURPOSES = ("car", "home", "debt_consolidation", "education", "medical", "business", "other")

CUSTOMERS = Contract(
    table="finance.customers",
    key=("customer_id",),
    known_at="customer_since",
    description="One row per customer of the bank.",
    columns=(
        Column("customer_id", required=True, personal="identifier", label=words("Customer", "客户号")),
        Column("full_name", personal="name", label=words("Name", "姓名")),
        Column(
            "birth_date",
            "date",
            minimum="1900-01-01",
            personal="birth_date",
            label=words("Date of birth", "出生日期"),
        ),
        Column("gender", allowed=("female", "male", "other"), label=words("Gender", "性别")),
        Column(
            "marital_status",
            allowed=("single", "married", "divorced", "widowed"),
            label=words("Marital status", "婚姻状况"),
        ),
        Column("city", label=words("City", "城市")),
        Column("postal_code", personal="address", label=words("Postal code", "邮政编码")),
        Column("email", personal="contact", pattern=r"^[^@\s]+@[^@\s]+$", label=words("E-mail", "电子邮箱")),
        Column("phone", personal="contact", label=words("Phone", "电话")),
        Column(
            "customer_since",
            "date",
            required=True,
            minimum="1950-01-01",
            label=words("Customer since", "开户日期"),
        ),
    ),
)

ACCOUNTS = Contract(
    table="finance.accounts",
    key=("account_id",),
    known_at="opened_on",
    description="Accounts of the customers, each in one currency.",
    columns=(
        Column("account_id", required=True, personal="identifier", label=words("Account", "账号")),
        Column(
            "customer_id",
            required=True,
            references="finance.customers.customer_id",
            personal="identifier",
            label=words("Customer", "客户号"),
        ),
        Column("kind", required=True, allowed=ACCOUNT_KINDS, label=words("Kind", "账户类型")),
        Column("currency", required=True, allowed=CURRENCIES, label=words("Currency", "币种")),
        Column(
            "opened_on", "date", required=True, minimum="1950-01-01", label=words("Opened on", "开立日期")
        ),
        Column("credit_limit", "decimal", minimum=0, label=words("Credit limit", "信用额度")),
    ),
)

TRANSACTIONS = Contract(
    table="finance.transactions",
    key=("transaction_id",),
    known_at="booked_at",
    description="Booked transactions; money that arrives is positive, money that leaves is negative.",
    columns=(
        Column("transaction_id", "integer", required=True, minimum=1, label=words("Transaction", "交易号")),
        Column(
            "account_id",
            required=True,
            references="finance.accounts.account_id",
            personal="identifier",
            label=words("Account", "账号"),
        ),
        Column(
            "booked_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Booked at", "入账时间"),
        ),
        Column(
            "amount",
            "decimal",
            required=True,
            minimum=-10_000_000,
            maximum=10_000_000,
            label=words("Amount", "金额"),
        ),
        Column("currency", required=True, allowed=CURRENCIES, label=words("Currency", "币种")),
        Column("kind", required=True, allowed=TRANSACTION_KINDS, label=words("Kind", "交易类型")),
    ),
)

LOANS = Contract(
    table="finance.loans",
    key=("loan_id",),
    known_at="applied_at",
    description="Loan applications as the customer filed them, with the decision once there is one.",
    columns=(
        Column("loan_id", required=True, label=words("Loan application", "贷款申请号")),
        Column(
            "customer_id",
            required=True,
            references="finance.customers.customer_id",
            personal="identifier",
            label=words("Customer", "客户号"),
        ),
        Column(
            "applied_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Applied at", "申请时间"),
        ),
        Column("decided_on", "date", label=words("Decided on", "审批日期")),
        Column("decision", allowed=("approved", "declined"), label=words("Decision", "审批结果")),
        Column(
            "amount",
            "decimal",
            required=True,
            minimum=100,
            maximum=1_000_000,
            label=words("Amount", "贷款金额"),
        ),
        Column("currency", required=True, allowed=CURRENCIES, label=words("Currency", "币种")),
        Column(
            "term_months",
            "integer",
            required=True,
            minimum=3,
            maximum=480,
            unit="months",
            label=words("Term", "贷款期限"),
        ),
        Column(
            "interest_rate", "number", minimum=0, maximum=60, unit="%", label=words("Interest rate", "年利率")
        ),
        Column("purpose", allowed=PURPOSES, label=words("Purpose", "贷款用途")),
        Column(
            "stated_income",
            "decimal",
            minimum=0,
            unit="EUR/month",
            label=words("Stated monthly income", "申报月收入"),
        ),
        Column("employment", allowed=EMPLOYMENT, label=words("Employment", "就业状况")),
        Column(
            "employed_months",
            "integer",
            minimum=0,
            maximum=720,
            unit="months",
            label=words("Time in present job", "现职时长"),
        ),
        Column("housing", allowed=HOUSING, label=words("Housing", "住房状况")),
        Column("dependants", "integer", minimum=0, maximum=20, label=words("Dependants", "受抚养人数")),
        Column("channel", allowed=("branch", "online", "broker"), label=words("Channel", "申请渠道")),
    ),
)

DEFAULTS = Contract(
    table="finance.defaults",
    key=("loan_id",),
    known_at="defaulted_on",
    description="Loans declared in default: ninety days in arrears, or unlikely to be paid.",
    columns=(
        Column(
            "loan_id",
            required=True,
            references="finance.loans.loan_id",
            label=words("Loan application", "贷款申请号"),
        ),
        Column("customer_id", required=True, personal="identifier", label=words("Customer", "客户号")),
        Column(
            "defaulted_on",
            "date",
            required=True,
            minimum="1990-01-01",
            label=words("Defaulted on", "违约日期"),
        ),
        Column("outstanding", "decimal", minimum=0, label=words("Outstanding amount", "未偿金额")),
        Column("currency", allowed=CURRENCIES, label=words("Currency", "币种")),
    ),
)

EXCHANGE_RATES = Contract(
    table="finance.exchange_rates",
    key=("currency", "rate_date"),
    known_at="rate_date",
    description="Daily reference rates: units of the reporting currency for one unit of the currency.",
    reference_data=True,
    columns=(
        Column("currency", required=True, allowed=CURRENCIES, label=words("Currency", "币种")),
        Column("rate_date", "date", required=True, minimum="1999-01-01", label=words("Day", "日期")),
        Column(
            "rate",
            "number",
            required=True,
            minimum=0.000001,
            maximum=1000,
            unit="EUR",
            label=words("Rate", "汇率"),
        ),
    ),
)

ARREARS = Contract(
    table="finance.arrears",
    key=("loan_id", "month_end"),
    known_at="month_end",
    description=(
        "Loans behind with payments at the end of a month. A loan that is open and not named was paid up; "
        "what is in default is told by finance.defaults."
    ),
    columns=(
        Column(
            "loan_id",
            required=True,
            references="finance.loans.loan_id",
            label=words("Loan application", "贷款申请号"),
        ),
        Column("month_end", "date", required=True, minimum="1990-01-01", label=words("End of month", "月末")),
        Column(
            "days_past_due",
            "integer",
            required=True,
            minimum=0,
            maximum=10_000,
            unit="days",
            aliases=("dpd",),
            label=words("Days past due", "逾期天数"),
        ),
    ),
)

PRICES = Contract(
    table="finance.prices",
    key=("instrument", "day"),
    known_at="day",
    description="The last price of each instrument on each trading day, in the currency of the row.",
    reference_data=True,
    columns=(
        Column(
            "instrument", required=True, aliases=("ticker", "isin"), label=words("Instrument", "投资品种")
        ),
        Column("day", "date", required=True, minimum="1900-01-01", label=words("Day", "日期")),
        Column("close", "number", required=True, minimum=0.000001, label=words("Close", "收盘价")),
        Column(
            "adjusted_close",
            "number",
            minimum=0.000001,
            aliases=("adj_close",),
            label=words("Close adjusted for splits and dividends", "复权收盘价"),
        ),
        Column("currency", required=True, pattern=r"^[A-Z]{3}$", label=words("Currency", "币种")),
    ),
)

CONTRACTS: tuple[Contract, ...] = (
    CUSTOMERS,
    ACCOUNTS,
    TRANSACTIONS,
    LOANS,
    DEFAULTS,
    EXCHANGE_RATES,
    ARREARS,
    PRICES,
)
