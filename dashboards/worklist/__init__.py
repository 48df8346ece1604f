"""The worklist: who looks after which case, until when, and what came of it. No Streamlit."""
