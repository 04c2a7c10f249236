import { playedControllers } from "@ertis/infra-toolchain";
import { expect, test } from "vitest";
import { playedKinds } from "./rows.ts";

test("doctor names exactly the controllers that are played", () => {
  const played = new Set(playedKinds.map(({ controller }) => controller));
  const named = playedControllers.map(({ name }) => name);
  expect(named.toSorted()).toEqual([...played].toSorted());
});
