/* A library that has the companion's name and nothing else of it. */
int foreign(void);
int foreign(void) { return 1; }
