import { attend } from './aside.js';
import { able, read } from './qr.js';

attend(read, able);
