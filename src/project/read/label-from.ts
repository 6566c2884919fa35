/** Words for people from a name for machines: `pricing_page` → `Pricing page`. */
export function labelFrom(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
