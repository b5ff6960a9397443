/** Of the form on the page: an address that ends with it leads to its first field. */
export const START_ID = "start";
