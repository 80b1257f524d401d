"""One script for each page; `st.navigation` runs them."""
