import { isRecord } from "./record.ts";

/** Values of a Helm chart: plain data. */
export type ChartValues = Readonly<Record<string, unknown>>;

/**
 * A copy with one value put at a path such as `controller.nodeSelector`. What lies on the way is
 * made.
 */
export function withValueAt(values: ChartValues, path: string, value: unknown): ChartValues {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    return { ...values, [name]: value };
  }
  const inner = values[name];
  return { ...values, [name]: withValueAt(isRecord(inner) ? inner : {}, rest.join("."), value) };
}

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
      return isText(item) && secretName.test(name) ? [itemPath] : findSecretValues(item, itemPath);
    });
  }
  return isText(value) && value.includes("-----BEGIN") && value.includes("PRIVATE KEY")
    ? [path]
    : [];
}

const secretName =
  /(?:password|passwd|passphrase|token|secret_?key|private_?key|api_?key|credentials|access_?key)$/i;

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
