/** Above so many jobs time is short, and what is tried in several ways among few is tried in one. */
export const manyJobs = 64;
