/** Where tests of `decide/shed` still look for it. */
export * from "../decide/testing/test-hub.ts";
