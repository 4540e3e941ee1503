# a script that never loads the package
x <- lm(dist ~ speed, data = cars)
print(coef(x))
