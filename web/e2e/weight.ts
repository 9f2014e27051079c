import { type Page, type Response, expect } from "@playwright/test";
import { gzipSync } from "node:zlib";

/** The budget for the stylesheet and the scripts of a page together, in bytes as they travel. */
export const budget = 60_000;

/** Scale weighs what pages load. */
export class Scale {
  private readonly known = new Map<string, number>();

  /** Opens an address and answers its status, and the weight of its style and scripts. */
  async open(page: Page, address: string): Promise<{ status?: number; bytes: number }> {
    const files = new Set<string>();
    const note = (response: Response) => {
      if (["stylesheet", "script"].includes(response.request().resourceType())) files.add(response.url());
    };
    page.on("response", note);
    const answer = await page.goto(address, { waitUntil: "load" });
    page.off("response", note);
    expect(files.size, `files of ${address}`).toBeGreaterThan(1);
    let bytes = 0;
    for (const url of files) bytes += await this.weigh(page, url);
    return { status: answer?.status(), bytes };
  }

  private async weigh(page: Page, url: string): Promise<number> {
    let bytes = this.known.get(url);
    if (bytes === undefined) {
      const response = await page.request.get(url);
      expect(response.headers()["cache-control"], url).toContain("max-age=31536000");
      bytes = gzipSync(await response.body()).length;
      this.known.set(url, bytes);
    }
    return bytes;
  }
}
