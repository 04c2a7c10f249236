import type { FileForm } from "./reader/index.ts";

/** Site files: templates are the one way to write something once. */
export const siteForm: FileForm = {
  mostProblems: 1_000,
  deepestLevel: 24,
  refusesAnchors: true,
  unreadable: "nothing",
  advice: {
    empty: 'start with "site: <id>", see the README of site-model',
    tooLong: " (1 MiB) are read: use templates and ranges instead of writing each rack",
    tooDeep: ": use templates",
    alias: "use a template",
    duplicate: "name",
    duplicated: "rename or remove one",
  },
};
