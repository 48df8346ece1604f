"""What Streamlit runs: `sda dashboard` starts it (`dashboards.launch`)."""

from dashboards.screens.frame import show

show()
