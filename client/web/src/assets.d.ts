/** What the bundler makes of files that are no modules. */

declare module "*.html?raw" {
  const text: string;
  export default text;
}

declare module "*.css?inline" {
  const text: string;
  export default text;
}
