import { expect, test } from "vitest";
import { findSecretValues, withValueAt } from "./addon-values.ts";

test("a value is put where the path says, beside what is there", () => {
  const values = { controller: { replicas: 2 }, other: 1 };
  expect(withValueAt(values, "controller.pods.nodeSelector", { role: "storage" })).toEqual({
    controller: { replicas: 2, pods: { nodeSelector: { role: "storage" } } },
    other: 1,
  });
  expect(values).toEqual({ controller: { replicas: 2 }, other: 1 });
});

test("what looks like a secret is found, references to one are not", () => {
  expect(
    findSecretValues({
      adminPassword: "hunter2",
      database: [{ accessKey: "abc" }],
      tls: { content: "-----BEGIN RSA PRIVATE KEY-----\nMIIE" },
      existingSecret: "harbor-admin",
      passwordSecretRef: { name: "db" },
      automountServiceAccountToken: false,
      password: "",
    }),
  ).toEqual(["adminPassword", "database[0].accessKey", "tls.content"]);
});
