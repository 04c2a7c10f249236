import {
  Block,
  type Located,
  type Place,
  Problems,
  readDocument,
  topOfFile,
} from "@ertis/site-model/reader";
import { fileForm } from "./file-form.ts";
import { bmcAddress, macAddress, name } from "./texts.ts";

/** What a delivery list says of one host. */
export interface Delivery {
  readonly hostName: string;
  readonly at: Place;
  readonly file: string;
  readonly bootMac: Located<string>;
  readonly bmcAddress: Located<string> | undefined;
}

export interface DeliveryList {
  readonly problems: Problems;
  readonly cluster: Located<string>;
  readonly hosts: readonly Delivery[];
}

/** `infra/sites/deliveries/pavlodar-hub-s1-h1.yaml` is of cluster `pavlodar-hub-s1-h1`. */
export function clusterOfFile(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.ya?ml$/, "");
}

/** Reads a delivery list. `cluster` is what it says, or what its file is named when it says nothing. */
export function readDeliveries(file: string, text: string): DeliveryList {
  const problems = new Problems(file, fileForm);
  const expected = clusterOfFile(file);
  const nothing: DeliveryList = {
    problems,
    cluster: { value: expected, at: { ...topOfFile, path: "cluster" } },
    hosts: [],
  };
  const document = readDocument(text, problems);
  const block =
    document === undefined
      ? undefined
      : Block.open(problems, document, { what: "a delivery list", keys: ["cluster", "hosts"] });
  if (block === undefined) {
    return nothing;
  }
  const cluster = block.text("cluster", name, expected);
  if (cluster !== undefined && cluster.value !== expected) {
    problems.add(
      cluster.at,
      `cluster "${cluster.value}" in a file of "${expected}": a delivery list is named as its cluster, rename the file or correct the line`,
    );
  }
  const example = `${expected}-m1: {bootMac: "b8:ce:f6:12:34:56"}`;
  block.required("hosts", `{${example}}`);
  const hosts: Delivery[] = [];
  for (const [hostName, { keyAt, value }] of block.named("hosts", example)) {
    const inner = Block.open(problems, value, {
      what: "a delivered host",
      keys: ["bootMac", "bmcAddress"],
    });
    const bootMac = inner?.text("bootMac", macAddress, '"b8:ce:f6:12:34:56"');
    const address = inner?.optionalText("bmcAddress", bmcAddress);
    if (bootMac !== undefined) {
      hosts.push({ hostName, at: keyAt, file, bootMac, bmcAddress: address });
    }
  }
  return { problems, cluster: cluster ?? nothing.cluster, hosts };
}
