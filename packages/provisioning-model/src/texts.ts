import { quotedText, type TextParser } from "@ertis/site-model/reader";

/** URLs and BMC addresses are longer than names, and differ at their ends. */
const mostQuotedCharacters = 80;

export function quoted(text: string): string {
  return quotedText(text, mostQuotedCharacters);
}

/** A DNS label. */
export const name: TextParser<string> = (text) =>
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
    ? { value: text }
    : {
        wrong: `${quoted(text)} is not a name: use up to 63 of a-z, 0-9 and -, starting and ending with a letter or digit`,
      };

/** A DNS name with at least one dot. */
export const hostName: TextParser<string> = (text) =>
  text.length <= 253 &&
  /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$/.test(text)
    ? { value: text }
    : { wrong: `${quoted(text)} is not a DNS name, for example registry.pavlodar-hub.ertis.kz` };

/** `.ertis.kz`: the leading dot keeps `notertis.kz` out. */
export const domainSuffix: TextParser<string> = (text) => {
  const isSuffix = text.startsWith(".") && "value" in hostName(text.slice(1));
  return isSuffix
    ? { value: text }
    : {
        wrong: `${quoted(text)} is not the end of a DNS name: start it with a dot, for example .ertis.kz`,
      };
};

/** `1.35.6`, without `v`. */
export const kubernetesVersion: TextParser<string> = (text) =>
  /^1\.\d{1,3}\.\d{1,3}$/.test(text)
    ? { value: text }
    : { wrong: `${quoted(text)} is not a Kubernetes version, for example 1.35.6 (without v)` };

export const sha256: TextParser<string> = (text) =>
  /^[0-9a-f]{64}$/.test(text)
    ? { value: text }
    : { wrong: `${quoted(text)} is not a SHA-256: write its 64 digits in lower-case hexadecimal` };

export const imageUrl: TextParser<string> = (text) => {
  const url = URL.parse(text);
  const isPlain =
    url !== null &&
    (url.protocol === "http:" || url.protocol === "https:") &&
    url.username === "" &&
    url.password === "" &&
    url.search === "" &&
    url.hash === "";
  return isPlain
    ? { value: text }
    : {
        wrong: `${quoted(text)} is not the URL of an image: write http:// or https://, without user, password, ? and #`,
      };
};

/** From 1 to 2 with at most four places, so that it is exact as a number of ten-thousandths. */
export const oversubscriptionRatio: TextParser<number> = (text) => {
  const value = /^[12](\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN;
  return value >= 1 && value <= 2
    ? { value }
    : {
        wrong: `found ${quoted(text)}, but a decimal from 1 to 2 with at most 4 places is allowed, for example 1.02`,
      };
};

/** Six bytes in hexadecimal with colons or dashes; given back in lower case with colons. */
export const macAddress: TextParser<string> = (text) => {
  const lower = text.toLowerCase().replaceAll("-", ":");
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(lower)) {
    return { wrong: `${quoted(text)} is not a MAC address, for example b8:ce:f6:12:34:56` };
  }
  const isGroup = (Number.parseInt(lower.slice(0, 2), 16) & 1) === 1;
  return isGroup || lower === "00:00:00:00:00:00"
    ? {
        wrong: `${quoted(text)} is no network card's own address: write that of the boot interface`,
      }
    : { value: lower };
};

/** A BMC as the Bare Metal Operator writes it; without a user or password, which come by reference. */
export const bmcAddress: TextParser<string> = (text) => {
  const match =
    /^((?:redfish|redfish-virtualmedia|redfish-uefihttp|idrac-redfish|idrac-virtualmedia|ilo5-redfish)(?:\+https?)?):\/\/([A-Za-z0-9.:[\]-]+)(\/[A-Za-z0-9/._-]*)?$/.exec(
      text,
    );
  return match === null
    ? {
        wrong: `${quoted(text)} is not a BMC address, for example redfish-virtualmedia+https://10.64.0.17/redfish/v1/Systems/1 (without user and password)`,
      }
    : { value: text };
};
