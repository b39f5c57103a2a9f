/** Addresses as they are shown where nobody asked for them: enough to tell two apart at the telephone. */

/** `*******19`. */
export function maskPhone(phone: string): string {
  return `${"*".repeat(Math.max(0, phone.length - 2))}${phone.slice(-2)}`;
}

/** `a***@patients.example.org`. */
export function maskEmail(email: string): string {
  const [local = "", domain = ""] = email.split("@");
  return `${local.slice(0, 1)}***@${domain}`;
}
