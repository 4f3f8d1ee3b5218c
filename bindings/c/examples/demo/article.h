/* Two worked examples: a convolution, its gradient, and a deconvolution, with numbers that one can follow by hand. */
#ifndef ARTICLE_H
#define ARTICLE_H

/* Prints them; 0 if every number is what it should be. */
int article_examples(void);

#endif
