/* Reads tab-separated tables with a header line: native-tests/reference and the descriptors of digest.c. */
#ifndef TABLE_H
#define TABLE_H

#include "check.h"

enum { TABLE_COLUMNS = 40 };

/* The whole file; *bytes may be NULL. The text is terminated. */
static inline char* read_file(const char* path, size_t* bytes)
{
    FILE* file = fopen(path, "rb");
    if (!file) die("%s: cannot be opened (run from the top of the repository)", path);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char* text = allocate(size + 1);
    if (fread(text, 1, size, file) != size) die("%s: cannot be read", path);
    fclose(file);
    if (bytes) *bytes = size;
    return text;
}

typedef struct table {
    const char* path;
    char* rest;                                /* what has not been read yet */
    int columns, line;
    char *names[TABLE_COLUMNS], *row[TABLE_COLUMNS];
} table;

/* The next line into fields; 0 at the end. Lines that start with '#' are remarks. */
static inline int table_fields(table* t, char** fields)
{
    for (;;) {
        if (!*t->rest) return 0;
        char* line = t->rest;
        char* end = strchr(line, '\n');
        t->rest = end ? end + 1 : line + strlen(line);
        if (end) *end = 0;
        t->line++;
        if (*line == '#') continue;

        int count = 0;
        for (char* field = line; field; count++) {
            if (count == TABLE_COLUMNS) die("%s: line %d: too many columns", t->path, t->line);
            fields[count] = field;
            field = strchr(field, '\t');
            if (field) *field++ = 0;
        }
        if (t->columns && count != t->columns) die("%s: line %d: %d columns, the header has %d", t->path, t->line, count, t->columns);
        t->columns = count;
        return 1;
    }
}

static inline table table_open(const char* path)
{
    table t = { .path = path, .rest = read_file(path, NULL) };
    if (!table_fields(&t, t.names)) die("%s: empty", path);
    return t;
}

static inline int table_next(table* t) { return table_fields(t, t->row); }

static inline const char* text_of(const table* t, const char* column)
{
    for (int i = 0; i < t->columns; i++)
        if (strcmp(t->names[i], column) == 0) return t->row[i];
    die("%s: no column %s", t->path, column);
    return NULL;
}

static inline int64_t integer_of(const table* t, const char* column) { return strtoll(text_of(t, column), NULL, 10); }

static inline double number_of(const table* t, const char* column) { return strtod(text_of(t, column), NULL); }

/* "3,4,5" into the first entries. */
static inline void list_of(const table* t, const char* column, int64_t* values)
{
    char* next = (char*)text_of(t, column);
    for (int i = 0; *next; i++) {
        values[i] = strtoll(next, &next, 10);
        if (*next == ',') next++;
    }
}

#endif
