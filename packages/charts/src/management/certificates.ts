import type { Manifest } from "../manifest.ts";
import { managementNamespaces } from "./namespaces.ts";

/** The authority for names inside the management cluster; the host image trusts it. */
export const internalIssuerName = "internal-ca";

const apiVersion = "cert-manager.io/v1";

export interface CertificateRequest {
  readonly name: string;
  readonly namespace: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly commonName?: string;
  readonly usages?: readonly string[];
  readonly secretLabels?: Readonly<Record<string, string>>;
}

/** A certificate of the internal authority, in the Secret `<name>-tls`, renewed a month before its end. */
export function certificate(request: CertificateRequest): Manifest {
  const { name, namespace, dnsNames, ipAddresses, commonName, usages, secretLabels } = request;
  return {
    apiVersion,
    kind: "Certificate",
    metadata: { name, namespace },
    spec: {
      secretName: `${name}-tls`,
      duration: "2160h",
      renewBefore: "720h",
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: internalIssuerName },
      ...(dnsNames === undefined ? {} : { dnsNames }),
      ...(ipAddresses === undefined ? {} : { ipAddresses }),
      ...(commonName === undefined ? {} : { commonName }),
      ...(usages === undefined ? {} : { usages }),
      ...(secretLabels === undefined ? {} : { secretTemplate: { labels: secretLabels } }),
    },
  };
}

/** The authority signs itself once; everything else is signed by it. */
export function issuerManifests(): readonly Manifest[] {
  const selfSigned = "self-signed";
  return [
    {
      apiVersion,
      kind: "ClusterIssuer",
      metadata: { name: selfSigned },
      spec: { selfSigned: {} },
    },
    {
      apiVersion,
      kind: "Certificate",
      metadata: { name: internalIssuerName, namespace: managementNamespaces.certificates },
      spec: {
        isCA: true,
        commonName: "Ertis management",
        secretName: internalIssuerName,
        duration: "87600h",
        renewBefore: "17520h",
        // A new key would make every host distrust the management cluster.
        privateKey: { algorithm: "ECDSA", size: 384, rotationPolicy: "Never" },
        issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: selfSigned },
      },
    },
    {
      apiVersion,
      kind: "ClusterIssuer",
      metadata: { name: internalIssuerName },
      spec: { ca: { secretName: internalIssuerName } },
    },
  ];
}
