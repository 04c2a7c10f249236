import { isRecord } from "./record.ts";

const secretName =
  /(?:password|passwd|passphrase|token|secret_?key|private_?key|api_?key|credentials|access_?key)$/iu;

/**
 * Paths of values that look like secrets. The values of a release lie in the state and in the cluster in
 * the clear, so charts get the names of Secrets, which External Secrets fills.
 */
export function findSecretValues(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findSecretValues(item, `${path}[${index}]`));
  }
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([name, item]) => {
      const itemPath = path === "" ? name : `${path}.${name}`;
      const isSecret = isText(item) && secretName.test(name) && !name.startsWith("existingSecret");
      return isSecret ? [itemPath] : findSecretValues(item, itemPath);
    });
  }
  return isText(value) && value.includes("-----BEGIN") && value.includes("PRIVATE KEY")
    ? [path]
    : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
