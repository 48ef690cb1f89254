"""The formats that are read: names and bytes become documents or problems. Pure: opens nothing by itself."""
