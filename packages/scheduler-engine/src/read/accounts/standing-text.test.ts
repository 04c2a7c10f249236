import { expect, test } from "vitest";
import { standingSentence } from "./standing-text.ts";

const hourMs = 3_600_000;

test.each([
  [0.25, 1.3, "account a has used 0.25 h of everything for its weight, b 1.3 h"],
  [0.25, 0.25002, "account a has used 0.25 h of everything for its weight, b 0.25002 h"],
  [0.25, 0.25 + 1e-12, "account a has used 0.25 h of everything for its weight, b hardly more"],
  [0, 0, "accounts a and b have used the same for their weights, and a was named first"],
])("who has used %d h goes before %d h, by numbers that differ", (ours, theirs, sentence) => {
  const us = { id: "a", standing: ours * hourMs };
  expect(standingSentence(us, { id: "b", standing: theirs * hourMs })).toBe(sentence);
});

test.each([
  [-0.6, -0.25, "account a holds 40 % of its guarantee, b 75 % of its own"],
  [-0.6, -0.5998, "account a holds 40 % of its guarantee, b 40.02 % of its own"],
  [-0.6, -0.6, "accounts a and b hold the same part of their guarantees, and a was named first"],
  [-0.6, 0.2, "account a holds 40 % of its guarantee and b has no open one"],
])("an open guarantee at %d goes before one at %d", (ours, theirs, sentence) => {
  expect(standingSentence({ id: "a", standing: ours }, { id: "b", standing: theirs })).toBe(
    sentence,
  );
});
