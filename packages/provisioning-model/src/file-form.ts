import type { FileForm } from "@ertis/site-model/reader";

/** Provisioning files and delivery lists. */
export const fileForm: FileForm = {
  mostProblems: 200,
  deepestLevel: 12,
  refusesAnchors: false,
  unreadable: "empty text",
  advice: {
    empty: 'see "The files" in the README of provisioning-model',
    tooLong: " are read: split it",
    tooDeep: "",
    alias: "write the value again",
    duplicate: "key",
    duplicated: "remove one",
  },
};
