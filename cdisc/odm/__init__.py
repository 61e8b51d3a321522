"""ODM 1.3.2: a study with its definitions and every act on its data, written and read."""
