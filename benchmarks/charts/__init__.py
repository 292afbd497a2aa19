"""Charts of the same papers in the same topics: by BERTopic, DataMapPlot, BERTrend and this project."""
