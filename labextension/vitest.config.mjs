import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['{src,widgets/src}/**/__tests__/**/*.spec.ts']
  }
});
