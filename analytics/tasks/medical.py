"""The clinic's task: will a patient be diagnosed with a chosen condition for the first time within a year?

The condition is a setting: any value set of `pipelines/medical/value_sets.toml`.
"""

from dataclasses import replace

from analytics.task import Band, Feature, Meaning, Task
from pipelines.medical.value_sets import value_set, value_sets_sql
from pipelines.queries import literal, read_sql
from pipelines.words import words

DEFAULT_CONDITION = "type-2-diabetes"

_FEATURES = {
    "glucose": Feature(words("Glucose, last", "最近血糖"), "mmol/L", actionable=True),
    "glucose_mean": Feature(words("Glucose, mean of 3 years", "三年平均血糖"), "mmol/L"),
    "glucose_highest": Feature(words("Glucose, highest of 3 years", "三年最高血糖"), "mmol/L"),
    "hba1c": Feature(words("HbA1c, last", "最近糖化血红蛋白"), "%", actionable=True),
    "hba1c_mean": Feature(words("HbA1c, mean of 3 years", "三年平均糖化血红蛋白"), "%"),
    "glucose_tests": Feature(words("Glucose and HbA1c tests, 3 years", "三年血糖类检测次数")),
    "bmi": Feature(words("Body mass index", "体质指数"), "kg/m2", actionable=True),
    "bmi_change": Feature(words("Change of body mass index", "体质指数变化"), "kg/m2", actionable=True),
    "systolic_mean": Feature(words("Systolic blood pressure, mean", "平均收缩压"), "mmHg", actionable=True),
    "cholesterol": Feature(words("Total cholesterol, last", "最近总胆固醇"), "mmol/L", actionable=True),
    "triglycerides": Feature(words("Triglycerides, last", "最近甘油三酯"), "mmol/L", actionable=True),
    "creatinine": Feature(words("Creatinine, last", "最近肌酐"), "µmol/L"),
    "smoking": Feature(words("Smoking", "吸烟状况"), actionable=True),
    "prediabetes": Feature(words("Prediabetes on record", "糖尿病前期记录")),
    "gestational_diabetes": Feature(words("Gestational diabetes on record", "妊娠期糖尿病记录")),
    "diabetes_in_family": Feature(words("Diabetes in the family", "糖尿病家族史")),
    "hypertension": Feature(words("Hypertension on record", "高血压记录")),
    "hyperlipidaemia": Feature(words("Hyperlipidaemia on record", "高脂血症记录")),
    "obesity": Feature(words("Obesity on record", "肥胖症记录")),
    "kidney_disease": Feature(words("Chronic kidney disease on record", "慢性肾脏病记录")),
    "diagnoses": Feature(words("Different diagnoses on record", "诊断种类数")),
    "medicines_year": Feature(words("Different medicines, 12 months", "近一年用药种类数")),
    "antihypertensives": Feature(words("Takes blood pressure medicine", "服用降压药")),
    "statins": Feature(words("Takes statins", "服用他汀类药物")),
    "glucocorticoids": Feature(words("Takes glucocorticoids", "使用糖皮质激素"), actionable=True),
    "visits_year": Feature(words("Visits, 12 months", "近一年就诊次数")),
    "urgent_visits_year": Feature(words("Emergency and inpatient visits, 12 months", "近一年急诊与住院次数")),
    "days_since_visit": Feature(words("Time since the last visit", "距上次就诊时间"), "days"),
    "months_in_care": Feature(words("In care for", "在诊时长"), "months"),
    "age_years": Feature(words("Age", "年龄"), "years", protected=True),
    "gender": Feature(words("Gender", "性别"), protected=True),
}
# What is known to raise the risk of diabetes, whatever the sample says.
_RAISES_DIABETES = (
    "glucose_mean",
    "hba1c_mean",
    "bmi",
    "prediabetes",
    "diabetes_in_family",
    "glucocorticoids",
)


def disease_onset(condition: str = DEFAULT_CONDITION) -> Task:
    """The task for one condition; raises UsageError if no value set is called so."""
    chosen = value_set(condition)
    label = chosen.label
    usual = condition == DEFAULT_CONDITION
    members = value_sets_sql()
    diagnosed = read_sql("medical", "diagnosed", value_sets=members)
    last_day = read_sql("medical", "disease_onset_last_day")
    parts = {"diagnosed": diagnosed, "condition": literal(condition)}
    return Task(
        name="medical.disease_onset" if usual else f"medical.disease_onset_{condition.replace('-', '_')}",
        kind="binary",
        meaning=Meaning(
            title=words(
                f"{label['en']}: first diagnosis within 12 months", f"十二个月内首次确诊{label['zh']}"
            ),
            entity=words("patient", "患者"),
            positive=words(
                f"is diagnosed with {label['en'].lower()} within 12 months", f"十二个月内确诊{label['zh']}"
            ),
            horizon_days=365,
        ),
        population=read_sql("medical", "disease_onset_population", last_day=last_day, **parts),
        features=read_sql("medical", "disease_onset_features", diagnosed=diagnosed, value_sets=members),
        candidates=read_sql("medical", "disease_onset_candidates", **parts),
        last_day=last_day,
        bands=(
            Band("low", 0.03, words("Low", "低")),
            Band("moderate", 0.10, words("Moderate", "中")),
            Band("high", 0.25, words("High", "高")),
            Band("very high", 1.0, words("Very high", "极高")),
        ),
        feature_info={
            name: _rising(feature) if usual and name in _RAISES_DIABETES else feature
            for name, feature in _FEATURES.items()
        },
    )


def _rising(feature: Feature) -> Feature:
    return replace(feature, monotone=1)


TASKS: tuple[Task, ...] = (disease_onset(),)
