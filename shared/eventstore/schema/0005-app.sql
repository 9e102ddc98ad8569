-- What a service must keep and the log does not hold; the tables are its own steps'.

CREATE SCHEMA app;
