"""What people ask of a fitted model: functions of results, each named as in R, a file a theme."""
