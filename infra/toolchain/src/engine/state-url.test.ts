import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { namedBackend, withoutSidecars } from "./state-url.ts";

it.each(["file:///state", "file:///state?no_tmp_dir=false"])(
  "%s gets no second files, lies where it lay and keeps its name",
  (url) => {
    const changed = withoutSidecars(url);
    expect(new URL(changed).searchParams.get("metadata")).toBe("skip");
    expect(withoutSidecars(changed)).toBe(changed);
    expect(fileURLToPath(changed)).toBe("/state");
    expect(namedBackend(changed)).toBe(url);
  },
);

it.each(["postgres://db/pulumi?sslmode=verify-full", "s3://states"])("%s stays", (url) => {
  expect(withoutSidecars(url)).toBe(url);
  expect(namedBackend(url)).toBe(url);
});
