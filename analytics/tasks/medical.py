"""The clinic's task: will a patient be diagnosed with a chosen condition for the first time within a year?

The condition is a setting: any value set of `pipelines/medical/value_sets.toml`.
"""

from dataclasses import replace

from analytics.task import Band, Costs, Derived, Feature, Lever, Meaning, Scenario, Shock, Stress, Task
from pipelines.medical.value_sets import value_set, value_sets, value_sets_sql
from pipelines.queries import literal, read_sql
from pipelines.words import words

DEFAULT_CONDITION = "type-2-diabetes"

_FEATURES = {
    "glucose": Feature(words("Glucose, last", "最近血糖"), "mmol/L", actionable=True, change=-1),
    "glucose_level": Feature(words("Level of glucose, all tests weighed", "综合血糖水平"), "mmol/L"),
    "glucose_mean": Feature(words("Glucose, mean of 3 years", "三年平均血糖"), "mmol/L"),
    "glucose_highest": Feature(words("Glucose, highest of 3 years", "三年最高血糖"), "mmol/L"),
    "hba1c": Feature(words("HbA1c, last", "最近糖化血红蛋白"), "%", actionable=True, change=-1),
    "hba1c_mean": Feature(words("HbA1c, mean of 3 years", "三年平均糖化血红蛋白"), "%"),
    "glucose_tests": Feature(words("Glucose and HbA1c tests, 3 years", "三年血糖类检测次数")),
    "bmi": Feature(words("Body mass index", "体质指数"), "kg/m2", actionable=True, change=-1),
    "bmi_change": Feature(words("Change of body mass index", "体质指数变化"), "kg/m2"),
    "systolic_mean": Feature(
        words("Systolic blood pressure, mean", "平均收缩压"), "mmHg", actionable=True, change=-1
    ),
    "cholesterol": Feature(
        words("Total cholesterol, last", "最近总胆固醇"), "mmol/L", actionable=True, change=-1
    ),
    "triglycerides": Feature(
        words("Triglycerides, last", "最近甘油三酯"), "mmol/L", actionable=True, change=-1
    ),
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
    "glucocorticoids": Feature(words("Takes glucocorticoids", "使用糖皮质激素"), actionable=True, change=-1),
    "visits_year": Feature(words("Visits, 12 months", "近一年就诊次数")),
    "urgent_visits_year": Feature(words("Emergency and inpatient visits, 12 months", "近一年急诊与住院次数")),
    "days_since_visit": Feature(words("Time since the last visit", "距上次就诊时间"), "days"),
    "months_in_care": Feature(words("In care for", "在诊时长"), "months"),
    "age_years": Feature(words("Age", "年龄"), "years", protected=True),
    "gender": Feature(words("Gender", "性别"), protected=True),
}
_STRESS = Stress(
    levers=(
        Lever(
            "blood_sugar",
            words("Glucose, all values", "血糖（所有数值）"),
            ("glucose", "glucose_level", "glucose_mean", "glucose_highest"),
            "mmol/L",
        ),
        Lever(
            "hba1c_all", words("HbA1c, all values", "糖化血红蛋白（所有数值）"), ("hba1c", "hba1c_mean"), "%"
        ),
    ),
    derived={"bmi_change": Derived("bmi", "difference")},
    scenarios=(
        Scenario(
            "older",
            words("Everyone five years older", "所有人年长五岁"),
            (Shock("age_years", "step", 5.0),),
        ),
        Scenario(
            "heavier",
            words("Body mass index 5% higher", "体质指数上升5%"),
            (Shock("bmi", "share", 0.05),),
        ),
        Scenario(
            "prevention",
            words("Prevention: BMI 5% lower, blood sugar 5% lower", "预防：体质指数与血糖各下降5%"),
            (Shock("bmi", "share", -0.05), Shock("blood_sugar", "share", -0.05)),
        ),
    ),
)
_EVENTS = {
    "visit": Feature(words("Visit", "门诊就诊")),
    "emergency": Feature(words("Emergency visit", "急诊就诊")),
    "inpatient": Feature(words("Inpatient stay", "住院")),
    "glucose": Feature(words("Glucose", "血糖"), "mmol/L"),
    "hba1c": Feature(words("HbA1c", "糖化血红蛋白"), "%"),
    "cholesterol": Feature(words("Total cholesterol", "总胆固醇"), "mmol/L"),
    "triglycerides": Feature(words("Triglycerides", "甘油三酯"), "mmol/L"),
    "creatinine": Feature(words("Creatinine", "肌酐"), "µmol/L"),
    "bmi": Feature(words("Body mass index", "体质指数"), "kg/m2"),
    "weight": Feature(words("Weight", "体重"), "kg"),
    "height": Feature(words("Height", "身高"), "cm"),
    "systolic": Feature(words("Systolic blood pressure", "收缩压"), "mmHg"),
    "smoking-449868002": Feature(words("Smokes daily", "每日吸烟")),
    "smoking-77176002": Feature(words("Smokes", "吸烟")),
    "smoking-428041000124106": Feature(words("Smokes some days", "偶尔吸烟")),
    "smoking-8517006": Feature(words("Former smoker", "既往吸烟")),
    "smoking-266919005": Feature(words("Never smoked", "从不吸烟")),
    "medicine": Feature(words("Other medicine", "其他药物")),
    **{name: Feature(each.label) for name, each in value_sets().items()},
}
# What is known to raise the risk of diabetes, whatever the sample says.
_RAISES_DIABETES = (
    "glucose_level",
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
    measurements = read_sql("medical", "measurements")
    parts = {"diagnosed": diagnosed, "condition": literal(condition)}
    other = "hypertension" if condition != "hypertension" else DEFAULT_CONDITION
    also = {"other": literal(other), "also": "also_" + other.replace("-", "_")}
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
        population=read_sql("medical", "disease_onset_population", last_day=last_day, **also, **parts),
        features=read_sql(
            "medical",
            "disease_onset_features",
            measurements=measurements,
            diagnosed=diagnosed,
            value_sets=members,
        ),
        events=read_sql(
            "medical",
            "disease_onset_events",
            measurements=measurements,
            diagnosed=diagnosed,
            value_sets=members,
        ),
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
        event_info=_EVENTS,
        # Diabetes found a year late costs a year of harm; a false alarm one more HbA1c and a talk.
        costs=Costs(miss=1_500, false_alarm=100),
        stress=_STRESS,
        entity_of=("medical.patients.patient_id",),
    )


def _rising(feature: Feature) -> Feature:
    return replace(feature, monotone=1)


TASKS: tuple[Task, ...] = (disease_onset(),)
