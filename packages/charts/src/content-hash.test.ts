import { describe, expect, test } from "vitest";
import { contentHash } from "./content-hash.ts";

describe("contentHash", () => {
  test("is 8 hex digits, the same for the same content", () => {
    expect(contentHash({ a: 1, b: [{ c: 2, d: undefined }] })).toMatch(/^[0-9a-f]{8}$/u);
    expect(contentHash({ a: 1, b: [{ c: 2, d: undefined }] })).toBe(
      contentHash({ b: [{ c: 2 }], a: 1 }),
    );
  });

  test("differs when a value or an order of a list differs", () => {
    expect(contentHash({ a: [1, 2] })).not.toBe(contentHash({ a: [2, 1] }));
    expect(contentHash({ a: "1" })).not.toBe(contentHash({ a: 1 }));
  });
});
