/** The program of the benchmark: as many resources as asked, by one of three providers, all with the same inputs. */
import * as pulumi from "@pulumi/pulumi";

const hostCount = Number(process.env["BENCHMARK_HOSTS"]);
const seed = process.env["BENCHMARK_SEED"] ?? "";
const changedCount = Number(process.env["BENCHMARK_CHANGED"]);
const providerName = process.env["BENCHMARK_PROVIDER"];

class Resource extends pulumi.CustomResource {
  // oxlint-disable-next-line no-useless-constructor -- makes the base class's constructor public
  constructor(
    type: string,
    name: string,
    inputs: pulumi.Inputs,
    options: pulumi.CustomResourceOptions,
  ) {
    super(type, name, inputs, options);
  }
}

class Plugin extends pulumi.ProviderResource {
  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ResourceOptions) {
    super(name, "provider", inputs, options);
  }
}

/** What a host of a hall looks like: a BareMetalHost, and the reference to its credentials. */
function hostObjects(index: number): readonly [kind: string, inputs: pulumi.Inputs][] {
  const name = `host-${seed}-${String(index).padStart(4, "0")}`;
  const state = index < changedCount ? "repair" : "production";
  const labels = {
    "ertis.kz/row": `r${index % 25}`,
    "ertis.kz/rack": `k${index % 125}`,
    "ertis.kz/power-feed": `f${index % 4}`,
    "ertis.kz/state": state,
  };
  const metadata = { name, namespace: "default", labels };
  const mac = `02:00:00:00:${(index >> 8).toString(16).padStart(2, "0")}:${(index & 255).toString(16).padStart(2, "0")}`;
  const bmc = {
    address: `redfish-virtualmedia://10.0.${index >> 8}.${index & 255}/redfish/v1/Systems/1`,
    credentialsName: `${name}-bmc`,
    disableCertificateVerification: false,
  };
  const hostSpec = {
    online: true,
    bootMACAddress: mac,
    bootMode: "UEFI",
    automatedCleaningMode: "metadata",
    rootDeviceHints: { deviceName: "/dev/nvme0n1", minSizeGigabytes: 900 },
    bmc,
  };
  const remoteKey = `sites/benchmark/${name}`;
  const secretSpec = {
    refreshInterval: "1h",
    secretStoreRef: { kind: "ClusterSecretStore", name: "openbao" },
    target: { name: `${name}-bmc` },
    data: ["username", "password"].map((key) => ({
      secretKey: key,
      remoteRef: { key: remoteKey, property: key },
    })),
  };
  return [
    ["Host", { apiVersion: "benchmark.ertis.kz/v1", kind: "Host", metadata, spec: hostSpec }],
    [
      "Credential",
      { apiVersion: "benchmark.ertis.kz/v1", kind: "Credential", metadata, spec: secretSpec },
    ],
  ];
}

function createProvider(): pulumi.ProviderResource | undefined {
  switch (providerName) {
    case "kubernetes": {
      const inputs = { kubeconfig: process.env["KUBECONFIG"], clusterIdentifier: "benchmark" };
      return new Plugin("kubernetes", inputs, { version: "4.32.0" });
    }
    case "noop": {
      return new Plugin("noop", {}, { version: "1.0.0" });
    }
    default: {
      return undefined;
    }
  }
}

const provider = createProvider();
for (let index = 0; index < hostCount; index += 1) {
  for (const [kind, inputs] of hostObjects(index)) {
    const name = `${kind}-${index}`;
    if (provider === undefined) {
      // oxlint-disable-next-line no-new -- registering is what it is for
      new pulumi.Stash(name, { input: inputs });
    } else {
      const module = providerName === "noop" ? "noop:index" : "kubernetes:benchmark.ertis.kz/v1";
      // oxlint-disable-next-line no-new -- registering is what it is for
      new Resource(`${module}:${kind}`, name, inputs, { provider });
    }
  }
}
