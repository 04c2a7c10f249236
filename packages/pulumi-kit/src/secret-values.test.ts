import { expect, test } from "vitest";
import { findSecretValues } from "./secret-values.ts";

test("what looks like a secret is found, references to one are not", () => {
  expect(
    findSecretValues({
      adminPassword: "hunter2",
      database: [{ accessKey: "abc" }],
      tls: { content: "-----BEGIN RSA PRIVATE KEY-----\nMIIE" },
      existingSecretAdminPassword: "harbor-admin",
      passwordSecretRef: { name: "db" },
      automountServiceAccountToken: false,
      password: "",
    }),
  ).toEqual(["adminPassword", "database[0].accessKey", "tls.content"]);
});
