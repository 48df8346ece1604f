"""What people look at. Streamlit is known here, in `app.py` and in `domains/*/page.py`, and nowhere else."""
