"""What is told of one case, on the screen and on paper: figures, words and the sheet. No Streamlit here."""
