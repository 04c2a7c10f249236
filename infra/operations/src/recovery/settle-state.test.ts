import { expect, test } from "vitest";
import { settleState } from "./settle-state.ts";

const urn = (name: string): string => `urn:pulumi:main::p::kubernetes:core/v1:ConfigMap::${name}`;
const pending = (name: string, type = "creating"): object => ({
  type,
  resource: { urn: urn(name), type: "kubernetes:core/v1:ConfigMap", inputs: { data: { a: "1" } } },
});

test("what was made joins the resources by its id, what was not is struck out, nothing is pending", () => {
  const exported = JSON.stringify({
    version: 3,
    deployment: {
      secrets_providers: { type: "passphrase" },
      resources: [{ urn: urn("old"), id: "default/old" }],
      pending_operations: [pending("made"), pending("absent"), pending("old", "updating")],
    },
  });
  const settled: unknown = JSON.parse(
    settleState(exported, [
      { kind: "import", urn: urn("made"), id: "default/made" },
      { kind: "clear", urn: urn("absent"), because: "the API server does not have it" },
    ]),
  );
  expect(settled).toEqual({
    version: 3,
    deployment: {
      secrets_providers: { type: "passphrase" },
      resources: [
        { urn: urn("old"), id: "default/old" },
        {
          urn: urn("made"),
          type: "kubernetes:core/v1:ConfigMap",
          inputs: { data: { a: "1" } },
          id: "default/made",
          outputs: {},
        },
      ],
      pending_operations: [],
    },
  });
});

test("an object that the state knows already is not written twice", () => {
  const exported = JSON.stringify({
    deployment: {
      resources: [{ urn: urn("twice"), id: "default/twice" }],
      pending_operations: [pending("twice")],
    },
  });
  const decision = { kind: "import", urn: urn("twice"), id: "default/twice" } as const;
  expect(JSON.parse(settleState(exported, [decision]))).toEqual({
    deployment: {
      resources: [{ urn: urn("twice"), id: "default/twice" }],
      pending_operations: [],
    },
  });
});
