"""The bank's task: will a granted loan default within twelve months of its application?"""

from analytics.task import (
    Band,
    Costs,
    Derived,
    Exposure,
    Feature,
    Lever,
    Meaning,
    Scenario,
    Shock,
    Stress,
    Task,
)
from pipelines.finance.contracts import REPORTING_CURRENCY
from pipelines.queries import literal, read_sql
from pipelines.words import words

_LAST_DAY = read_sql("finance", "credit_default_last_day")
_MONEY = read_sql("finance", "reporting_currency", reporting=literal(REPORTING_CURRENCY))

_FEATURES = {
    "amount_eur": Feature(words("Loan amount", "贷款金额"), "EUR", actionable=True, change=-1),
    "term_months": Feature(words("Term", "贷款期限"), "months", actionable=True),
    "interest_rate": Feature(words("Interest rate", "年利率"), "%"),
    "purpose": Feature(words("Purpose of the loan", "贷款用途")),
    "channel": Feature(words("Application channel", "申请渠道")),
    "employment": Feature(words("Employment", "就业状况")),
    "employed_months": Feature(words("Time in present job", "现职时长"), "months", monotone=-1),
    "housing": Feature(words("Housing", "住房状况")),
    "dependants": Feature(words("Dependants", "受抚养人数"), protected=True),
    "stated_income": Feature(words("Stated monthly income", "申报月收入"), "EUR"),
    "monthly_income": Feature(words("Income seen on the account, a month", "账户月均入账"), "EUR"),
    "payment_to_income": Feature(
        words("Monthly payment as a share of income", "月供占收入比"), "1", monotone=1
    ),
    "stated_to_observed_income": Feature(words("Stated over observed income", "申报收入与实际入账之比"), "1"),
    "income_trend": Feature(
        words("Income: last 3 months over the 3 before", "近三月与前三月收入之比"), "1", monotone=-1
    ),
    "lowest_salary_share": Feature(words("Lowest salary over average income", "最低工资与平均收入之比"), "1"),
    "spending_to_income": Feature(
        words("Spending as a share of income", "支出占收入比"), "1", monotone=1, actionable=True, change=-1
    ),
    "cash_share": Feature(words("Share of spending in cash", "现金支出占比"), "1"),
    "returned_debits": Feature(
        words("Returned direct debits, 6 months", "近六月退回扣款次数"),
        monotone=1,
        actionable=True,
        change=-1,
    ),
    "returned_debits_recent": Feature(
        words("Returned direct debits, 3 months", "近三月退回扣款次数"), monotone=1
    ),
    "fees": Feature(words("Penalty fees, 6 months", "近六月罚费次数")),
    "bookings": Feature(words("Bookings, 6 months", "近六月交易笔数")),
    "earlier_applications": Feature(words("Earlier applications", "以往申请次数")),
    "earlier_declined": Feature(words("Earlier applications declined", "以往被拒次数")),
    "earlier_defaults": Feature(words("Earlier defaults", "以往违约次数"), monotone=1),
    "days_since_application": Feature(words("Time since the last application", "距上次申请时间"), "days"),
    "accounts": Feature(words("Accounts held", "持有账户数")),
    "customer_months": Feature(words("Customer for", "成为客户时长"), "months"),
    "age_years": Feature(words("Age", "年龄"), "years", protected=True),
    "gender": Feature(words("Gender", "性别"), protected=True),
    "marital_status": Feature(words("Marital status", "婚姻状况"), protected=True),
}

_EVENTS = {
    "salary": Feature(words("Salary", "工资入账"), "EUR"),
    "transfer_in": Feature(words("Transfer in", "转入"), "EUR"),
    "transfer_out": Feature(words("Transfer out", "转出"), "EUR"),
    "card": Feature(words("Card payment", "刷卡消费"), "EUR"),
    "cash": Feature(words("Cash withdrawn", "取现"), "EUR"),
    "direct_debit": Feature(words("Direct debit", "代扣"), "EUR"),
    "returned_debit": Feature(words("Direct debit returned", "代扣退回"), "EUR"),
    "fee": Feature(words("Penalty fee", "罚费"), "EUR"),
    "interest": Feature(words("Interest", "利息"), "EUR"),
    "application": Feature(words("Earlier application", "以往贷款申请")),
    "application_approved": Feature(words("Earlier application granted", "以往申请获批")),
    "application_declined": Feature(words("Earlier application declined", "以往申请被拒")),
    "default": Feature(words("Earlier loan in default", "以往贷款违约")),
}

_MONTHLY_RATE = "(GREATEST(COALESCE(interest_rate, 7), 0.1) / 1200)"
_STRESS = Stress(
    levers=(
        Lever("income", words("Income", "收入"), ("stated_income", "monthly_income"), "EUR"),
        Lever("amount", words("Loan amount", "贷款金额"), ("amount_eur",), "EUR"),
        Lever("interest", words("Interest rate", "年利率"), ("interest_rate",), "%"),
    ),
    derived={
        # As the features' SQL has it: an annuity over the term, 7 % where no rate is known.
        "payment_to_income": Derived(
            f"amount_eur * {_MONTHLY_RATE} / (1 - POWER(1 + {_MONTHLY_RATE}, -term_months)) / monthly_income"
        ),
        "stated_to_observed_income": Derived("stated_income / monthly_income"),
        "spending_to_income": Derived("1 / monthly_income"),  # what people spend stays
    },
    scenarios=(
        Scenario(
            "income",
            words("Every income 10% lower", "所有收入下降10%"),
            (Shock("income", "share", -0.10),),
        ),
        Scenario(
            "interest",
            words("Interest 2 points higher", "利率上升2个百分点"),
            (Shock("interest", "step", 2.0),),
        ),
        Scenario(
            "amounts",
            words("Amounts 20% larger", "贷款金额增加20%"),
            (Shock("amount", "share", 0.20),),
        ),
        Scenario(
            "downturn",
            words(
                "Downturn: lower incomes, dearer money, one more returned debit",
                "经济下行：收入下降、利率上升、多一次退回扣款",
            ),
            (
                Shock("income", "share", -0.15),
                Shock("interest", "step", 2.0),
                Shock("returned_debits", "step", 1.0),
                Shock("returned_debits_recent", "step", 1.0),
            ),
        ),
    ),
)

CREDIT_DEFAULT = Task(
    name="finance.credit_default",
    kind="binary",
    meaning=Meaning(
        title=words("Credit default within 12 months", "十二个月内信贷违约"),
        entity=words("loan application", "贷款申请"),
        positive=words("defaults within 12 months", "十二个月内违约"),
        horizon_days=365,
    ),
    population=read_sql("finance", "credit_default_population", last_day=_LAST_DAY),
    features=read_sql(
        "finance",
        "credit_default_features",
        transactions=_MONEY,
        reporting=literal(REPORTING_CURRENCY),
    ),
    events=read_sql("finance", "credit_default_events", transactions=_MONEY),
    candidates=read_sql("finance", "credit_default_candidates"),
    last_day=_LAST_DAY,
    bands=(
        Band("low", 0.05, words("Low", "低")),
        Band("moderate", 0.15, words("Moderate", "中")),
        Band("high", 0.35, words("High", "高")),
        Band("very high", 1.0, words("Very high", "极高")),
    ),
    feature_info=_FEATURES,
    event_info=_EVENTS,
    # Of 100 lent, a default loses about 45 and a good loan refused forgoes about 9 of interest over its term.
    costs=Costs(miss=45, false_alarm=9),
    # 45 %: the loss given default that Basel's foundation approach takes for senior unsecured claims.
    exposure=Exposure("amount_eur", 0.45, "EUR"),
    stress=_STRESS,
    entity_of=("finance.loans.loan_id",),
)

TASKS: tuple[Task, ...] = (CREDIT_DEFAULT,)
