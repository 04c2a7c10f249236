/** The sentence with its field in front, unless it begins with it already. */
export function withField(field: string, message: string): string {
  return field === "" || message.startsWith(field) ? message : `${field}: ${message}`;
}
