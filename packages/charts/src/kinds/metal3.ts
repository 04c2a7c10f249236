import type { Manifest, ManifestMetadata } from "../manifest.ts";

/** The kinds of Metal3 that the stacks write, as narrow as they are used. */
export const metal3ApiVersions = {
  host: "metal3.io/v1alpha1",
  infrastructure: "infrastructure.cluster.x-k8s.io/v1beta2",
  addresses: "ipam.metal3.io/v1alpha1",
} as const;

/**
 * What Cluster API writes while a host is in use is not here: image, user data, consumer. Neither are
 * taints: the definition has them, but no controller reads them.
 */
export interface BareMetalHostSpec {
  readonly architecture: "x86_64" | "aarch64";
  readonly automatedCleaningMode: "metadata" | "disabled";
  readonly bmc: {
    readonly address: string;
    readonly credentialsName: string;
    readonly disableCertificateVerification: boolean;
  };
  readonly bootMACAddress: string;
  readonly bootMode: "UEFI" | "UEFISecureBoot";
  readonly inspectionMode: "agent" | "disabled";
  readonly online: boolean;
  readonly rootDeviceHints: {
    readonly minSizeGigabytes: number;
    readonly rotational: boolean;
  };
}

export interface IpPoolSpec {
  readonly namePrefix: string;
  readonly pools: readonly { readonly start: string; readonly end: string }[];
  readonly prefix: number;
  readonly gateway: string;
  readonly dnsServers: readonly string[];
}

export interface HostImageSpec {
  readonly url: string;
  readonly checksum: string;
  readonly checksumType: "sha256";
  readonly diskFormat: "raw" | "qcow2";
}

export interface Metal3MachineTemplateSpec {
  readonly nodeReuse: boolean;
  readonly template: {
    readonly spec: {
      readonly automatedCleaningMode: "metadata" | "disabled";
      readonly dataTemplate: { readonly name: string };
      readonly hostSelector: HostSelector;
      readonly image: HostImageSpec;
    };
  };
}

export interface Metal3ClusterTemplateSpec {
  readonly template: {
    readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
    readonly spec: {
      readonly cloudProviderEnabled: false;
      readonly controlPlaneEndpoint: { readonly host: string; readonly port: number };
      readonly failureDomains: readonly {
        readonly name: string;
        readonly controlPlane: boolean;
        readonly attributes: Readonly<Record<string, string>>;
      }[];
    };
  };
}

export function bareMetalHost(metadata: ManifestMetadata, spec: BareMetalHostSpec): Manifest {
  return { apiVersion: metal3ApiVersions.host, kind: "BareMetalHost", metadata, spec };
}

export function ipPool(metadata: ManifestMetadata, spec: IpPoolSpec): Manifest {
  return { apiVersion: metal3ApiVersions.addresses, kind: "IPPool", metadata, spec };
}

/** Which hosts a machine may take. Operators are in small letters, unlike those of label selectors. */
export interface HostSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: "in" | "notin";
    readonly values: readonly string[];
  }[];
}
