"""The clinic: FHIR R4 resources as flat tables, with units, code systems and value sets."""
