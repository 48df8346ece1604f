"""The sample clinic: visits, measurements and diagnoses, and how likely type 2 diabetes is within a year.

How it works underneath. Every patient has a hidden level of glucose that drifts upwards with weight and age;
visits measure it with noise, in the unit the laboratory of the day prefers, and physicians write down some of
what they see. On the first of October of each year the probability of a first diagnosis within the next
365 days follows from the hidden level, weight, age, family and medication; then the year is played out.
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from pipelines.medical.contracts import ATC, ICD_10, LOINC, SNOMED
from sample_data.world import (
    CITIES,
    END,
    Floats,
    Ints,
    Organisation,
    dates,
    day_number,
    full_names,
    identifiers,
    pick,
    sigmoid,
    timestamps,
)

PATIENTS = 2_900
WARDS = 4  # a patient is always seen by the same one
LANDMARKS = tuple(day_number(date(year, 10, 1)) for year in range(2021, 2027))
LAST_DAY = day_number(END)
DAY = 86_400

# What a physician may write down: SNOMED CT code, ICD-10 code, words.
DIAGNOSES = {
    "diabetes": ("44054006", "E11.9", "Type 2 diabetes mellitus"),
    "prediabetes": ("714628002", "R73.0", "Prediabetes"),
    "obesity": ("414916001", "E66.9", "Obesity"),
    "hypertension": ("38341003", "I10", "Hypertensive disorder"),
    "hyperlipidaemia": ("55822004", "E78.5", "Hyperlipidaemia"),
    "family_history": ("160303001", "Z83.3", "Family history of diabetes mellitus"),
    "asthma": ("195967001", "J45.9", "Asthma"),
    "copd": ("13645005", "J44.9", "Chronic obstructive pulmonary disease"),
    "back_pain": ("278860009", "M54.5", "Chronic low back pain"),
    "depression": ("35489007", "F32.9", "Depressive disorder"),
    "sinusitis": ("444814009", "J32.9", "Sinusitis"),
}
MEDICINES = {
    "metformin": ("A10BA02", "Metformin"),
    "ramipril": ("C09AA05", "Ramipril"),
    "atorvastatin": ("C10AA05", "Atorvastatin"),
    "prednisolone": ("H02AB06", "Prednisolone"),
    "ibuprofen": ("M01AE01", "Ibuprofen"),
    "salbutamol": ("R03AC02", "Salbutamol"),
}
LABORATORY = {
    "glucose": ("2345-7", "Glucose"),
    "glucose_molar": ("14749-6", "Glucose"),
    "hba1c": ("4548-4", "Hemoglobin A1c"),
    "hba1c_ifcc": ("59261-8", "Hemoglobin A1c (IFCC)"),
    "cholesterol": ("2093-3", "Cholesterol"),
    "triglycerides": ("2571-8", "Triglycerides"),
    "creatinine": ("2160-0", "Creatinine"),
}
VITALS = {
    "bmi": ("39156-5", "Body mass index"),
    "weight": ("29463-7", "Body weight"),
    "height": ("8302-2", "Body height"),
    "systolic": ("8480-6", "Systolic blood pressure"),
    "diastolic": ("8462-4", "Diastolic blood pressure"),
    "temperature": ("8310-5", "Body temperature"),
    "smoking": ("72166-2", "Tobacco smoking status"),
}
SMOKING = {"never": "266919005", "former": "8517006", "current": "449868002"}


@dataclass
class Patients:
    """The hidden and the visible state of each patient; arrays by patient, changed as the years go by."""

    birth_day: Ints
    male: Floats
    height: Floats
    bmi: Floats
    glucose: Floats
    pressure: Floats
    cholesterol: Floats
    smoking: Ints
    family: Floats
    steroids: Floats
    visits_a_year: Floats
    diagnosed_day: Ints
    death_day: Ints


@dataclass
class Chart:
    """What is written down, as columns of plain rows; becomes the tables at the end."""

    encounters: list[pl.DataFrame] = field(default_factory=list)
    observations: list[pl.DataFrame] = field(default_factory=list)
    conditions: list[pl.DataFrame] = field(default_factory=list)
    medications: list[pl.DataFrame] = field(default_factory=list)
    procedures: list[pl.DataFrame] = field(default_factory=list)
    reports: list[pl.DataFrame] = field(default_factory=list)


def clinic(rng: np.random.Generator, scale: float = 1.0) -> Organisation:
    """The clean tables of the clinic and the true probability of onset at each landmark."""
    count = max(int(PATIENTS * scale), 100)
    people, patients = _patients(rng, count)
    chart, truth = Chart(), []
    next_encounter = 0
    for landmark in LANDMARKS:
        truth.append(_play_fate(rng, people, landmark))
        visits = _visits(rng, people, landmark, next_encounter)
        next_encounter += len(visits)
        _write_down(rng, people, visits, chart)
        _grow_older(rng, people)
    died = people.death_day <= LAST_DAY
    deceased = timestamps(people.death_day * DAY + 11 * 3600)
    patients = patients.with_columns(deceased_at=pl.when(pl.Series(died)).then(deceased).otherwise(None))
    truths = {"medical.disease_onset": pl.concat(truth).sort("as_of", "entity_id")}
    return Organisation({"patients": patients, **_tables(chart)}, truths)


def _patients(rng: np.random.Generator, count: int) -> tuple[Patients, pl.DataFrame]:
    age = 22 + 63 * rng.beta(2.4, 2.2, count)
    male = (rng.random(count) < 0.47).astype(float)
    bmi = 20 + rng.gamma(5.0, 1.5, count) + 0.02 * (age - 50)
    family = (rng.random(count) < 0.24).astype(float)
    glucose = 5.0 + 0.045 * (bmi - 27) + 0.008 * (age - 50) + 0.20 * family + rng.normal(0, 0.42, count)
    people = Patients(
        birth_day=(LANDMARKS[0] - age * 365.25).astype(np.int64),
        male=male,
        height=rng.normal(164, 6.5, count) + 12.5 * male,
        bmi=bmi,
        glucose=glucose,
        pressure=118 + 0.35 * (age - 45) + 0.7 * (bmi - 27) + rng.normal(0, 11, count),
        cholesterol=5.0 + 0.012 * (age - 50) + rng.normal(0, 0.8, count),
        smoking=rng.choice(3, count, p=[0.55, 0.25, 0.20]),
        family=family,
        steroids=(rng.random(count) < 0.06).astype(float),
        visits_a_year=np.exp(0.1 + 0.012 * (age - 50) + rng.normal(0, 0.45, count)),
        diagnosed_day=np.full(count, LAST_DAY + 10_000),
        death_day=np.full(count, LAST_DAY + 10_000),
    )
    gender = np.where(male > 0, "male", "female")
    names = full_names(rng, gender)
    town = rng.integers(0, 8, count)
    frame = pl.DataFrame(
        {
            "patient_id": identifiers("p", count, 5),
            "birth_date": dates(people.birth_day),
            "gender": gender,
            "family_name": [family_name for family_name, _ in names],
            "given_name": [given for _, given in names],
            "city": [CITIES[index][0] for index in town],
            "postal_code": [f"{10_000 + index * 4_000 + 10 * int(rng.integers(0, 90))}" for index in town],
            "country": [CITIES[index][1] for index in town],
            "marital_status": pick(rng, ("M", "S", "D", "W"), count, (0.5, 0.3, 0.12, 0.08)),
        }
    )
    return people, frame


def _play_fate(rng: np.random.Generator, people: Patients, landmark: int) -> pl.DataFrame:
    """Draws who is diagnosed and who dies in the year after the landmark; returns the true probabilities."""
    age = (landmark - people.birth_day) / 365.25
    logit = (
        -3.6
        + 2.8 * np.clip(people.glucose - 5.2, -0.9, 1.6)
        + 0.10 * np.clip(people.bmi - 27, -6, 14)
        + 0.03 * np.clip(age - 50, -25, 18)
        + 0.05 * np.clip(people.bmi - 30, 0, 8) * (age < 45)
        + 0.45 * people.family
        + 0.55 * people.steroids
        + 0.20 * (people.smoking == 2)
        + 0.15 * people.male
    )
    probability = sigmoid(logit)
    free = (people.diagnosed_day > landmark) & (people.death_day > landmark)
    falls_ill = free & (rng.random(len(age)) < probability)
    people.diagnosed_day[falls_ill] = landmark + 1 + rng.integers(0, 363, int(falls_ill.sum()))
    alive = (people.death_day > landmark) & ~falls_ill
    dies = alive & (rng.random(len(age)) < 0.0004 * np.exp(0.075 * (age - 40)))
    people.death_day[dies] = landmark + 1 + rng.integers(0, 363, int(dies.sum()))
    return pl.DataFrame(
        {
            "entity_id": identifiers("p", len(age), 5),
            "as_of": timestamps(np.full(len(age), landmark * DAY)),
            "probability": probability.astype(np.float32),
        }
    ).filter(free)


def _visits(rng: np.random.Generator, people: Patients, landmark: int, first: int) -> pl.DataFrame:
    """The visits of the year from the landmark on: `patient, day, diagnosing, encounter`."""
    count = len(people.birth_day)
    who = np.repeat(np.arange(count), rng.poisson(people.visits_a_year))
    day = landmark + rng.integers(0, 365, len(who))
    ill = np.flatnonzero((people.diagnosed_day > landmark) & (people.diagnosed_day <= landmark + 365))
    visits = pl.DataFrame(
        {
            "patient": np.r_[who, ill],
            "day": np.r_[day, people.diagnosed_day[ill]],
            "diagnosing": np.r_[np.zeros(len(who), dtype=bool), np.ones(len(ill), dtype=bool)],
            "death": people.death_day[np.r_[who, ill]],
        }
    ).filter((pl.col("day") <= LAST_DAY) & (pl.col("day") < pl.col("death")))
    visits = visits.unique(["patient", "day"], keep="last", maintain_order=True).sort("day", "patient")
    hour = pl.Series(7 * 60 + rng.integers(0, 44, len(visits)) * 15) * 60
    return visits.with_columns(
        second=pl.col("day") * DAY + hour,
        encounter=pl.int_range(first + 1, first + 1 + len(visits), dtype=pl.Int64),
        kind=pl.Series(pick(rng, ("AMB", "EMER", "IMP"), len(visits), (0.90, 0.07, 0.03))),
    )


def _write_down(rng: np.random.Generator, people: Patients, visits: pl.DataFrame, chart: Chart) -> None:
    """What is measured, diagnosed and prescribed at the visits of one year."""
    chart.encounters.append(visits)
    who = visits["patient"].to_numpy()
    ill = people.diagnosed_day[who] <= visits["day"].to_numpy()
    glucose = people.glucose[who] + 1.6 * ill + rng.normal(0, 0.20, len(who))
    pressure = people.pressure[who] + rng.normal(0, 8, len(who))
    cholesterol = people.cholesterol[who] + rng.normal(0, 0.3, len(who))
    chart.observations += _measurements(rng, people, visits, glucose, pressure, cholesterol)
    noted = {
        "diabetes": visits["diagnosing"].to_numpy(),
        "prediabetes": (glucose > 5.7) & ~ill & (rng.random(len(who)) < 0.30),
        "obesity": (people.bmi[who] >= 30) & (rng.random(len(who)) < 0.35),
        "hypertension": (pressure > 140) & (rng.random(len(who)) < 0.45),
        "hyperlipidaemia": (cholesterol > 6.2) & (rng.random(len(who)) < 0.40),
        "family_history": (people.family[who] > 0) & (rng.random(len(who)) < 0.6),
        "asthma": rng.random(len(who)) < 0.015,
        "copd": (people.smoking[who] == 2) & (rng.random(len(who)) < 0.04),
        "back_pain": rng.random(len(who)) < 0.04,
        "depression": rng.random(len(who)) < 0.02,
        "sinusitis": rng.random(len(who)) < 0.05,
    }
    suspected = ~ill & (glucose > 6.3) & (rng.random(len(who)) < 0.03)
    for name, happens in noted.items():
        chart.conditions.append(_diagnosis(rng, visits.filter(happens), name, "confirmed"))
    chart.conditions.append(_diagnosis(rng, visits.filter(suspected), "diabetes", "refuted"))
    given = {
        "metformin": ill & (rng.random(len(who)) < 0.7),
        "ramipril": (pressure > 142) & (rng.random(len(who)) < 0.5),
        "atorvastatin": (cholesterol > 6.0) & (rng.random(len(who)) < 0.4),
        "prednisolone": (people.steroids[who] > 0) & (rng.random(len(who)) < 0.6),
        "ibuprofen": rng.random(len(who)) < 0.10,
        "salbutamol": rng.random(len(who)) < 0.02,
    }
    for name, happens in given.items():
        chart.medications.append(visits.filter(happens).with_columns(name=pl.lit(name)))
    chart.procedures.append(visits.filter(rng.random(len(who)) < 0.18))
    chart.reports.append(visits.filter(rng.random(len(who)) < 0.22))


def _measurements(
    rng: np.random.Generator,
    people: Patients,
    visits: pl.DataFrame,
    glucose: Floats,
    pressure: Floats,
    cholesterol: Floats,
) -> list[pl.DataFrame]:
    """Measurements in the units of their day: the laboratory turned to SI units in April 2024."""
    who, rows = visits["patient"].to_numpy(), len(visits)
    molar = np.where(visits["day"].to_numpy() >= day_number(date(2024, 4, 1)), 0.93, 0.08) > rng.random(rows)
    hba1c = 2.6 + 0.52 * glucose + rng.normal(0, 0.12, rows)
    bmi = people.bmi[who] + rng.normal(0, 0.25, rows)
    weight = bmi * (people.height[who] / 100) ** 2
    triglycerides = np.exp(0.3 + 0.03 * (people.bmi[who] - 27) + rng.normal(0, 0.35, rows))
    creatinine = 72 + 12 * people.male[who] + rng.normal(0, 11, rows)
    asks = rng.random((10, rows))
    foreign = rng.random(rows) < 0.06
    suspicious = np.clip(0.04 * (people.bmi[who] - 26) + 0.15 * people.family[who], -0.15, 0.35)
    has_glucose, has_hba1c = asks[0] < 0.52 + suspicious, asks[1] < 0.20 + suspicious / 2
    return [
        _observed(visits, has_glucose & ~molar, "glucose", glucose * 18.0156, "mg/dL", 0),
        _observed(visits, has_glucose & molar, "glucose_molar", glucose, "mmol/L", 1),
        _observed(visits, has_hba1c & ~molar, "hba1c", hba1c, "%", 1),
        _observed(visits, has_hba1c & molar, "hba1c_ifcc", (hba1c - 2.152) / 0.09148, "mmol/mol", 0),
        _observed(visits, (asks[2] < 0.2) & ~molar, "cholesterol", cholesterol * 38.665, "mg/dL", 0),
        _observed(visits, (asks[2] < 0.2) & molar, "cholesterol", cholesterol, "mmol/L", 1),
        _observed(visits, asks[3] < 0.10, "triglycerides", triglycerides * 88.543, "mg/dL", 0),
        _observed(visits, (asks[4] < 0.12) & ~molar, "creatinine", creatinine / 88.4, "mg/dL", 2),
        _observed(visits, (asks[4] < 0.12) & molar, "creatinine", creatinine, "umol/L", 0),
        _observed(visits, asks[5] < 0.55, "bmi", bmi, "kg/m2", 1),
        _observed(visits, (asks[5] > 0.82) & ~foreign, "weight", weight, "kg", 1),
        _observed(visits, (asks[5] > 0.82) & foreign, "weight", weight / 0.45359237, "[lb_av]", 0),
        _observed(visits, (asks[6] < 0.12) & ~foreign, "height", people.height[who], "cm", 0),
        _observed(visits, (asks[6] < 0.12) & foreign, "height", people.height[who] / 2.54, "[in_i]", 1),
        _observed(visits, asks[7] < 0.55, "systolic", pressure, "mm[Hg]", 0, component=1),
        _observed(visits, asks[7] < 0.55, "diastolic", 22 + 0.46 * pressure, "mm[Hg]", 0, component=2),
        _observed(visits, (asks[8] < 0.06) & ~foreign, "temperature", 36.6 + (pressure % 1.3), "Cel", 1),
        _observed(visits, (asks[8] < 0.06) & foreign, "temperature", 97.9 + (pressure % 2.3), "[degF]", 1),
        _smoking(visits, asks[9] < 0.15, people.smoking[who]),
    ]


def _observed(
    visits: pl.DataFrame,
    happens: np.ndarray[tuple[int], np.dtype[np.bool_]],
    name: str,
    value: Floats,
    unit: str,
    digits: int,
    component: int = 0,
) -> pl.DataFrame:
    """One measurement at each visit where it happens; laboratory results are issued the next noon."""
    laboratory = name in LABORATORY
    code, text = (LABORATORY if laboratory else VITALS)[name]
    noon_after = (pl.col("day") + 1) * DAY + 12 * 3600
    return (
        visits.with_columns(value=pl.Series(value).round(digits))
        .filter(happens)
        .select(
            "patient",
            "encounter",
            "second",
            issued=noon_after if laboratory else pl.lit(None, pl.Int64),
            category=pl.lit("laboratory" if laboratory else "vital-signs"),
            code=pl.lit(code),
            code_text=pl.lit(text),
            value="value",
            unit=pl.lit(unit),
            value_code=pl.lit(None, pl.String),
            component=pl.lit(component),
        )
    )


def _smoking(
    visits: pl.DataFrame, happens: np.ndarray[tuple[int], np.dtype[np.bool_]], smoking: Ints
) -> pl.DataFrame:
    answers = np.asarray(list(SMOKING.values()))[smoking]
    asked = _observed(visits, np.ones(len(visits), dtype=bool), "smoking", np.zeros(len(visits)), "", 0)
    return asked.with_columns(
        category=pl.lit("social-history"),
        value=pl.lit(None, pl.Float64),
        unit=pl.lit(None, pl.String),
        value_code=pl.Series(answers),
    ).filter(happens)


def _diagnosis(rng: np.random.Generator, visits: pl.DataFrame, name: str, verification: str) -> pl.DataFrame:
    """A diagnosis at each visit, coded in SNOMED CT or, for a third, in ICD-10."""
    snomed, icd, text = DIAGNOSES[name]
    in_icd = rng.random(len(visits)) < 0.35
    lasting = name not in ("sinusitis", "back_pain")
    earlier = rng.integers(0, 120 if lasting else 6, len(visits))
    return visits.select(
        "patient",
        "encounter",
        "second",
        name=pl.lit(name),
        code=pl.Series(np.where(in_icd, icd, snomed)),
        code_system=pl.Series(np.where(in_icd, ICD_10, SNOMED)),
        code_text=pl.lit(text),
        verification_status=pl.lit(verification),
        lasting=pl.lit(lasting),
        onset=pl.col("second") - pl.Series(earlier) * DAY,
    )


def _grow_older(rng: np.random.Generator, people: Patients) -> None:
    """A year's drift: weight a little, glucose with the weight."""
    gain = rng.normal(0.15, 0.6, len(people.bmi))
    people.bmi = np.clip(people.bmi + gain, 16, 58)
    people.glucose = people.glucose + 0.04 * gain + rng.normal(0.03, 0.06, len(people.bmi))
    people.pressure = people.pressure + 0.35 + 0.5 * gain


def _tables(chart: Chart) -> dict[str, pl.DataFrame]:
    """The written rows as the flat tables of the contracts, numbered in the order of time."""
    person = ("p" + pl.col("patient").add(1).cast(pl.String).str.zfill(5)).alias("patient_id")
    visit = ("e" + pl.col("encounter").cast(pl.String)).alias("encounter_id")
    at = _at("second")
    encounters = pl.concat(chart.encounters)
    emergency = pl.col("kind") == "EMER"
    return {
        "encounters": encounters.select(
            visit,
            person,
            pl.col("kind").alias("class"),
            type_code=pl.when(emergency).then(pl.lit("50849002")).otherwise(pl.lit("185349003")),
            type_system=pl.lit(SNOMED),
            type_text=pl.when(emergency).then(pl.lit("Emergency")).otherwise(pl.lit("Check up")),
            started_at=at,
            ended_at=_at(pl.col("second") + pl.when(pl.col("kind") == "IMP").then(3 * DAY).otherwise(1800)),
            status=pl.lit("finished"),
            organization_id=pl.lit("ward-") + (pl.col("patient") % WARDS + 1).cast(pl.String),
        ),
        "conditions": _conditions(pl.concat(chart.conditions), person, visit),
        "observations": _observations(pl.concat(chart.observations), person, visit),
        "medication_requests": pl.concat(chart.medications)
        .sort("second", "patient", "name")
        .select(
            _numbered("m").alias("medication_request_id"),
            person,
            visit,
            code=pl.col("name").replace_strict({name: code for name, (code, _) in MEDICINES.items()}),
            code_system=pl.lit(ATC),
            code_text=pl.col("name").replace_strict({name: text for name, (_, text) in MEDICINES.items()}),
            authored_at=at,
            status=pl.lit("active"),
            intent=pl.lit("order"),
        ),
        "procedures": pl.concat(chart.procedures).select(
            _numbered("r").alias("procedure_id"),
            person,
            visit,
            code=pl.lit("430193006"),
            code_system=pl.lit(SNOMED),
            code_text=pl.lit("Medication reconciliation"),
            started_at=at,
            ended_at=_at(pl.col("second") + 900),
            status=pl.lit("completed"),
        ),
        "diagnostic_reports": pl.concat(chart.reports).select(
            _numbered("d").alias("diagnostic_report_id"),
            person,
            visit,
            code=pl.lit("51990-0"),
            code_system=pl.lit(LOINC),
            code_text=pl.lit("Basic metabolic panel"),
            effective_at=at,
            issued_at=_at((pl.col("day") + 1) * DAY + 12 * 3600),
            status=pl.lit("final"),
        ),
    }


def _conditions(noted: pl.DataFrame, person: pl.Expr, visit: pl.Expr) -> pl.DataFrame:
    """Lasting diagnoses are written down once, passing ones every time."""
    ordered = noted.sort("second", "patient", "name")
    first = pl.struct("patient", "name", "verification_status").is_first_distinct()
    return ordered.filter(~pl.col("lasting") | first).select(
        _numbered("c").alias("condition_id"),
        person,
        visit,
        "code",
        "code_system",
        "code_text",
        clinical_status=pl.when("lasting").then(pl.lit("active")).otherwise(pl.lit("resolved")),
        verification_status="verification_status",
        onset_at=_at("onset"),
        abated_at=pl.when(~pl.col("lasting")).then(_at(pl.col("second") + 14 * DAY)),
        recorded_at=_at("second"),
    )


def _observations(measured: pl.DataFrame, person: pl.Expr, visit: pl.Expr) -> pl.DataFrame:
    """Blood pressures are two components of one observation: `o7#1` and `o7#2`."""
    panel = pl.when(pl.col("component") > 0).then(pl.lit("pressure")).otherwise("code")
    ordered = measured.with_columns(panel=panel).sort("second", "patient", "panel", "component")
    number = pl.struct("encounter", "panel").rank("dense").cast(pl.String)
    suffix = (
        pl.when(pl.col("component") > 0).then("#" + pl.col("component").cast(pl.String)).otherwise(pl.lit(""))
    )
    return ordered.select(
        ("o" + number + suffix).alias("observation_id"),
        person,
        visit,
        "category",
        "code",
        code_system=pl.lit(LOINC),
        code_text="code_text",
        effective_at=_at("second"),
        issued_at=_at("issued"),
        value="value",
        unit="unit",
        value_code="value_code",
        status=pl.lit("final"),
    )


def _numbered(prefix: str) -> pl.Expr:
    return prefix + pl.int_range(1, pl.len() + 1).cast(pl.String)


def _at(seconds: str | pl.Expr) -> pl.Expr:
    """Seconds since 1970 as a timestamp."""
    expression = pl.col(seconds) if isinstance(seconds, str) else seconds
    return pl.from_epoch(expression, time_unit="s").cast(pl.Datetime("us"))
