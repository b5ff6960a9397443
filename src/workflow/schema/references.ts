/** For descriptions of texts that may refer to something. */
export const REFERENCES = "May refer to ${params.NAME}, ${run.id} and ${run.started_at}; $${ is a literal ${.";
