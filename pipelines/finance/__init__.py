"""The bank: customers, accounts, transactions, loan applications, defaults and exchange rates."""
