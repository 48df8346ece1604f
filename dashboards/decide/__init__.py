"""What a decision from some score on leads to, in the words of a domain and as charts. No Streamlit."""
