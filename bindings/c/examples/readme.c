#include <nativeconv.h>
#include <stdio.h>

int main(void)
{
    float x[5][5] = { { 0 } }, y[5][5];                       /* a picture: black, with one bright pixel */
    float w[3][3] = { { 1, 2, 1 }, { 2, 4, 2 }, { 1, 2, 1 } };
    x[1][3] = 1;

    nc_conv_desc desc;
    nc_conv_desc_init(&desc, sizeof desc, NC_CONV, 2);        /* two spatial axes: height, width */
    desc.batch = desc.in_channels = desc.out_channels = 1;
    for (int axis = 0; axis < 2; axis++) {
        desc.input[axis] = 5;
        desc.kernel[axis] = 3;
        desc.pad_begin[axis] = desc.pad_end[axis] = 1;
    }

    nc_plan* plan;                                            /* once per layer; any thread may use it */
    nc_status status = nc_plan_create(&desc, &plan);
    if (status == NC_OK) status = nc_conv_forward(plan, x, w, NULL, y, NULL);
    for (int i = 0; status == NC_OK && i < 25; i++) printf("%2g%s", y[i / 5][i % 5], i % 5 < 4 ? " " : "\n");
    nc_plan_destroy(plan);
    return status;
}
